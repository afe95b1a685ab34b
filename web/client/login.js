/** The page where people log in or sign up. */

import { ChatClient, RefusedError, UnansweredError } from "../sdk/index.js";
import { LANGUAGES, LANGUAGE_NAMES, language, t } from "../ui/i18n.js";
import { Icon } from "../ui/icons.js";
import { h, html, render, useEffect, useId, useMemo, useState } from "../ui/view.js";
import { readDemoAccounts } from "./demo-accounts.js";
import { applyPreferences, changePreferences } from "./preferences.js";

/** Where to go after the log-in: a page of ours, whatever the address says. */
export function destination(/** @type {string} */ search) {
  const next = new URLSearchParams(search).get("next") ?? "";
  return /^\/(chat|admin)(?=$|[/?#])/.test(next) ? next : "/chat";
}

/** @typedef {Record<string, string>} FieldErrors */

/** @param {{ client: ChatClient }} props */
function LoginPage({ client }) {
  const [isNew, setNew] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState("");
  const [fields, setFields] = useState(/** @type {FieldErrors} */ ({}));
  const demo = useMemo(readDemoAccounts, []);
  useEffect(() => { document.title = t(isNew ? "login.sign_up" : "login.log_in"); }, [isNew, language.value]);

  const enter = async (/** @type {Promise<unknown>} */ attempt) => {
    setBusy(true);
    setError("");
    setFields({});
    try {
      await attempt;
      location.replace(destination(location.search));
    } catch (failure) {
      setBusy(false);
      if (failure instanceof RefusedError) setFields(failure.fields);
      setError(describe(failure));
    }
  };
  const submit = (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const data = new FormData(/** @type {HTMLFormElement} */ (event.currentTarget));
    const read = (/** @type {string} */ name) => String(data.get(name) ?? "");
    const { auth } = client;
    void enter(isNew
      ? auth.signup({ username: read("username").trim(), email: read("email").trim(), password: read("password"), name: read("name").trim() || undefined })
      : auth.login(read("login").trim(), read("password")));
  };
  const swap = () => {
    setNew(!isNew);
    setError("");
    setFields({});
  };
  return html`
    <div class="login">
      <main class="login-card">
        ${h(Mark, {})}
        <h1 class="login-title">${t(isNew ? "login.welcome_new" : "login.welcome")}</h1>
        <p class="login-tagline">${t("login.tagline")}</p>
        <form class="login-form" onSubmit=${submit} novalidate>
          ${isNew && h(Field, { key: "name", label: t("login.name"), name: "name", autocomplete: "name", error: fields.name, isOptional: true })}
          ${isNew && h(Field, { key: "username", label: t("login.username"), name: "username", autocomplete: "username", error: fields.username })}
          ${isNew && h(Field, { key: "email", label: t("login.email"), name: "email", type: "email", autocomplete: "email", error: fields.email })}
          ${!isNew && h(Field, { key: "login", label: t("login.login"), name: "login", autocomplete: "username", error: fields.login, hasFocus: true })}
          ${h(Field, { key: "password", label: t("login.password"), name: "password", type: "password", autocomplete: isNew ? "new-password" : "current-password", error: fields.password })}
          <p class="login-error" role="alert" data-testid="login-error">${error}</p>
          <button type="submit" class="button is-primary is-wide" disabled=${isBusy} data-testid="login-submit">${t(isNew ? "login.sign_up" : "login.log_in")}</button>
        </form>
        <button type="button" class="link-button login-swap" data-testid="login-swap" onClick=${swap}>${t(isNew ? "login.have_account" : "login.new_account")}</button>
        ${!isNew && demo.length > 0 && html`
          <section class="login-demo" aria-labelledby="login-demo">
            <h2 id="login-demo" class="login-demo-title">${t("login.choose_demo")}</h2>
            <div class="login-demo-list">
              ${demo.map(({ username, password }) => html`
                <button key=${username} type="button" class="button" disabled=${isBusy} data-testid=${`demo-${username}`}
                  onClick=${() => enter(client.auth.login(username, password))}>${username}</button>`)}
            </div>
          </section>`}
      </main>
      <footer class="login-foot">
        <label class="visually-hidden" for="login-language">${t("login.language")}</label>
        <select id="login-language" class="login-language" value=${language.value} data-testid="login-language"
          onChange=${(/** @type {any} */ event) => changePreferences({ language: event.currentTarget.value })}>
          ${LANGUAGES.map((code) => html`<option key=${code} value=${code} lang=${code}>${LANGUAGE_NAMES[code]}</option>`)}
        </select>
        <a href="/swagger/">${t("shell.api")}</a>
      </footer>
    </div>`;
}

/**
 * @param {{
 *   label: string, name: string, type?: string, autocomplete: string, error?: string, hasFocus?: boolean, isOptional?: boolean,
 * }} props
 */
function Field({ label, name, type = "text", autocomplete, error, hasFocus = false, isOptional = false }) {
  const id = useId();
  const [isShown, setShown] = useState(false);
  const isPassword = type === "password";
  return html`
    <div class="field">
      <label class="field-label" for=${id}>${label}</label>
      <div class="login-input">
        <input id=${id} class="input" name=${name} type=${isPassword && isShown ? "text" : type} autocomplete=${autocomplete} required=${!isOptional}
          autocapitalize="none" spellcheck=${false} autofocus=${hasFocus} aria-invalid=${error ? "true" : undefined}
          aria-describedby=${error ? `${id}-error` : undefined} data-testid=${`login-${name}`} />
        ${isPassword && html`
          <button type="button" class="icon-button is-small" aria-pressed=${isShown} aria-label=${t(isShown ? "login.hide_password" : "login.show_password")}
            onClick=${() => setShown(!isShown)}>${h(Icon, { name: isShown ? "hide" : "show", size: 18 })}</button>`}
      </div>
      ${error && html`<span id=${`${id}-error`} class="field-error">${error}</span>`}
    </div>`;
}

/** The mark of the page: two bubbles. */
function Mark() {
  return html`
    <svg class="login-mark" width="56" height="56" viewBox="0 0 56 56" aria-hidden="true" focusable="false">
      <rect class="login-mark-back" width="56" height="56" rx="18" />
      <path class="login-mark-front" d="M17 16h22a6 6 0 0 1 6 6v9a6 6 0 0 1-6 6H28l-8 7v-7h-3a6 6 0 0 1-6-6v-9a6 6 0 0 1 6-6" />
      <path class="login-mark-line" d="M19 24h18M19 30h11" />
    </svg>`;
}

/** @param {unknown} failure */
function describe(failure) {
  if (failure instanceof RefusedError) return Object.keys(failure.fields).length ? "" : failure.message;
  if (failure instanceof UnansweredError) {
    return failure.retryAfter === null ? t("shell.unanswered") : t("login.wait", { seconds: Math.ceil(failure.retryAfter) });
  }
  reportError(failure);
  return t("login.failed");
}

applyPreferences().then(() => {
  const client = new ChatClient({ language: () => language.value, shareSocket: false, persist: false });
  const root = /** @type {HTMLElement} */ (document.getElementById("app"));
  root.replaceChildren();
  render(h(LoginPage, { client }), root);
}, (error) => {
  reportError(error);
  const notice = document.getElementById("start-error");
  if (notice) notice.hidden = false;
});
