import"./chunk-N6TZ5P5F.js";import"./chunk-FRY43HP7.js";
