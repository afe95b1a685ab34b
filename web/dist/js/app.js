import"./chunk-ZPZX7S2E.js";import"./chunk-GWDQU6I5.js";
