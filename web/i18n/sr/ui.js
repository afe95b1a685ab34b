/** @type {Record<keyof typeof import("../en/ui.js").texts, import("../../ui/texts.js").Text>} */
export const texts = {
  "ui.close": "Zatvori",
  "ui.cancel": "Otkaži",
  "ui.pane_error": "Ovaj deo je prestao da radi.",
  "ui.pane_not_loaded": "Ovaj deo nije mogao da se učita.",
  "ui.pane_reload": "Ponovo učitaj ovaj deo",
};
