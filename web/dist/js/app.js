import"./chunk-VEK4DTZG.js";import"./chunk-X3WGEMQP.js";
