/** Icons of files, which the widget shows in the chat with a seller only. */

export const FILE_ICONS = {
  attach: "M15.5 9.3l-5.8 5.8a3.6 3.6 0 0 1-5.1-5.1l6-6a2.4 2.4 0 0 1 3.4 3.4l-5.8 5.8a1.2 1.2 0 0 1-1.7-1.7l5.2-5.2",
};
