/** @type {Record<keyof typeof import("../en/ui.js").texts, import("../../ui/texts.js").Text>} */
export const texts = {
  "ui.close": "Закрыть",
  "ui.cancel": "Отмена",
  "ui.pane_error": "Этот раздел перестал работать.",
  "ui.pane_not_loaded": "Не удалось загрузить эту часть.",
  "ui.pane_reload": "Перезагрузить раздел",
};
