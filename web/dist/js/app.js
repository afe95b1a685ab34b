import"./chunk-27RTQAVN.js";import"./chunk-MDBE6VA6.js";
