import { useEffect, useState } from 'react';
import type { PluggableList } from 'unified';

export interface MathPlugins {
  remark: PluggableList[number];
  rehype: PluggableList[number];
}

let loaded: MathPlugins | undefined;
const mightBeMath = /\$[^$\n]+\$|\$\$|\\\(|\\\[/;

async function load(): Promise<MathPlugins> {
  const [remark, rehype] = await Promise.all([
    import('remark-math'),
    import('rehype-katex'),
    import('katex/dist/katex.min.css'),
  ]);
  // One dollar is a price more often than the beginning of a formula: `$x$` is read as one only without spaces inside the signs.
  loaded = {
    remark: [remark.default, { singleDollarTextMath: true }],
    rehype: [rehype.default, { trust: false, strict: false }],
  };
  return loaded;
}

/** What draws formulas, once a text holds one and it has been fetched. */
export function useMath(text: string): MathPlugins | undefined {
  const wanted = mightBeMath.test(text) && !/\$\d[\d.,]*(?=[\s.,;)]|$)/.test(text);
  const [plugins, setPlugins] = useState(loaded);
  // Fetches the part of the app that draws formulas.
  useEffect(() => {
    if (wanted && !plugins) void load().then(setPlugins);
  }, [wanted, plugins]);
  return wanted ? plugins : undefined;
}
