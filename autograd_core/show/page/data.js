// Columns of numbers, inf and nan, for which JSON has no form.

/**
 * The bytes written in base 64.
 * @param {string} text
 */
export const bytesOf = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

/**
 * "inf", "-inf" and "nan" stand for numbers.
 * @param {number | string | null} written
 * @returns {any}
 */
export const numberOf = (written) => (typeof written === "string" ? Number(written.replace("inf", "Infinity")) : written);
