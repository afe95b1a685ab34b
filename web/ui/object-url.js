/** Addresses of files that are in memory. Each is given back when it is no longer shown: what is forgotten stays in memory. */

import { useEffect, useState } from "./view.js";

/**
 * The address of a file as long as the component shows it.
 *
 * @param {Blob | null} blob
 * @returns {string | null} null before the first rendering, and without a file
 */
export function useObjectUrl(blob) {
  const [url, setUrl] = useState(/** @type {string | null} */ (null));
  useEffect(() => {
    if (!blob) {
      setUrl(null);
      return undefined;
    }
    const made = URL.createObjectURL(blob);
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [blob]);
  return url;
}
