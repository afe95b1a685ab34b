import"./chunk-DZU5RGCM.js";import"./chunk-F6PQNDLK.js";
