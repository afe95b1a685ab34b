import"./chunk-FYP7QDKI.js";import"./chunk-ZTECHJYE.js";
