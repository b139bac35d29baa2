import { z } from 'zod';

const line = z.string().trim().min(1);

/** A picture is carried in the page itself; SVG is shown as a picture, where it can run nothing. */
const picture = z
  .string()
  .max(200_000, 'The logo is too large: 150 kB at most.')
  .regex(
    /^data:image\/(svg\+xml|png|webp);base64,[A-Za-z0-9+/]+=*$/,
    'Send the logo as a base64 data: address of an SVG, PNG or WebP picture.',
  );

/** What the app calls itself and looks like. */
export const brandingSchema = z.strictObject({
  name: line.max(40).nullable().default(null),
  hue: z.number().int().min(0).max(359).nullable().default(null),
  logo: picture.nullable().default(null),
  welcome: line.max(200).nullable().default(null),
});
