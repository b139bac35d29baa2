/** What the app calls itself and looks like; null: as the product does. */
export interface Branding {
  name: string | null;
  /** The accent's hue, 0 to 359 degrees in OKLCH. */
  hue: number | null;
  /** A `data:` address of an SVG, PNG or WebP picture. */
  logo: string | null;
  /** A line on the page where people sign in. */
  welcome: string | null;
}

/** How the product calls itself and looks. */
export const noBranding: Branding = { name: null, hue: null, logo: null, welcome: null };
