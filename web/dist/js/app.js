import"./chunk-6CMWDFRH.js";import"./chunk-F6PQNDLK.js";
