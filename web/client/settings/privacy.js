import { t } from "../../ui/i18n.js";
import { h } from "../../ui/view.js";
import { useStore } from "../store.js";
import { SwitchRow } from "./controls.js";
import { LoadFailed, useLoaded } from "./loading.js";

/** Whether others see when I was here last. */
export function Privacy() {
  const store = useStore();
  const { value, failed, replace, reload } = useLoaded(() => store.client.readPrivacy());
  if (failed) return h(LoadFailed, { onReload: reload });
  const change = async (/** @type {boolean} */ isHidden) => {
    replace({ hide_last_seen: isHidden });
    replace(await store.attempt(store.client.changePrivacy({ hide_last_seen: isHidden })) ?? { hide_last_seen: !isHidden });
  };
  return h(SwitchRow, {
    label: t("settings.hide_last_seen"), hint: t("settings.hide_last_seen_hint"), testId: "hide-last-seen",
    isOn: value?.hide_last_seen ?? false, isDisabled: value === null, onChange: (isOn) => { void change(isOn); },
  });
}
