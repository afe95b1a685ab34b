import"./chunk-ONQYIA5U.js";import"./chunk-FRY43HP7.js";
