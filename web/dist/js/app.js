import"./chunk-2U5FV7FC.js";import"./chunk-EK63DI3V.js";
