import { join } from 'node:path';

// In a checkout this module lies three folders below the root. In the single-file executable it is part of the one module at the
// root of what is embedded, and the files that are embedded keep the paths that they have in the checkout.
const inCheckout = import.meta.dirname.endsWith(join('server', 'src', 'core'));
const root = inCheckout ? join(import.meta.dirname, '../../..') : import.meta.dirname;

/**
 * Where a file or folder that comes with the program is, by its path from the project's root: `web/dist`. `node:fs` reads it there in
 * a checkout and in the executable. What is asked for here must stand in `scripts/shipped-files.ts`, or the executable has no such file.
 */
export const shippedPath = (path: string): string => join(root, path);

/** How the command line is called: in a checkout by way of npm. */
export const commandLine = inCheckout ? 'npx sluice' : 'sluice';
