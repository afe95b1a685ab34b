/*
 * Sets the theme that was chosen in `preferences.js` before anything is painted, the skeleton of the page included. Therefore
 * it is no module, which would run too late.
 */
try {
  const { theme } = JSON.parse(localStorage.getItem("chatapp.preferences") ?? "{}");
  if (theme === "light" || theme === "dark") document.documentElement.dataset["theme"] = theme;
} catch {
  // Without storage, or with other content than ours, the theme is that of the system: nothing could be kept.
}
