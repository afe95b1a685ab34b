export const texts = {
  "ui.close": "Close",
  "ui.cancel": "Cancel",
  "ui.pane_error": "This part stopped working.",
  "ui.pane_not_loaded": "This part could not be loaded.",
  "ui.pane_reload": "Reload this part",
};
