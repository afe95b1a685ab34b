/** The accounts of the demo data, which the page of a development server offers. */

/** @typedef {{ username: string, password: string }} DemoAccount */

/** @returns {readonly DemoAccount[]} empty where there are none */
export function readDemoAccounts() {
  const place = document.querySelector("meta[name='demo-accounts']");
  return place instanceof HTMLMetaElement && place.content ? JSON.parse(place.content) : [];
}
