import"./chunk-WGGYJQTJ.js";import"./chunk-2XERD7XT.js";
