/** A PNG of one red pixel, in base64. */
export const redPng =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFAAH/iZk9HQAAAABJRU5ErkJggg==';

/** The beginning of a PDF, in base64: enough to be told by its media type. */
export const tinyPdf = btoa('%PDF-1.4\n%%EOF\n');
