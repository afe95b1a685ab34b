import"./chunk-V5642PJE.js";import"./chunk-ZTECHJYE.js";
