import"./chunk-MYI6WZDJ.js";import"./chunk-2XERD7XT.js";
