import"./chunk-7XX5Z55M.js";import"./chunk-BDXNXP33.js";
