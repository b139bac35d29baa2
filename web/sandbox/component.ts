import * as react from 'react';
import * as jsxRuntime from 'react/jsx-runtime';
import * as reactDom from 'react-dom';
import { createRoot } from 'react-dom/client';
import { transform } from 'sucrase';

/** What a component of a chat may import: nothing can be fetched where it runs. */
const modules: Record<string, unknown> = {
  react,
  'react/jsx-runtime': jsxRuntime,
  'react-dom': reactDom,
  'react-dom/client': { createRoot },
};

function say(fault: unknown): void {
  document.getElementById('fault')!.textContent = fault instanceof Error ? fault.message : String(fault);
}

/** Compiles a component (JSX or TypeScript) and draws its default export, or what is called App. A fault is shown in words. */
function showComponent(code: string): void {
  addEventListener('error', ({ error, message }) => say(error ?? message));
  try {
    const { code: script } = transform(code, {
      transforms: ['typescript', 'jsx', 'imports'],
      jsxRuntime: 'automatic',
      production: true,
    });
    const exports: { default?: react.ComponentType } = {};
    Object.assign(globalThis, {
      artifact: {
        exports,
        require(name: string): unknown {
          if (!Object.hasOwn(modules, name)) throw new Error(`${name} is not here: only React is.`);
          return modules[name];
        },
        React: react,
        say,
      },
    });
    // As a script and not by eval, which the frame's policy refuses.
    const element = document.createElement('script');
    // Its faults are caught there: of what comes from another origin, as this file does to the frame, the window hears nothing.
    element.textContent = `((exports, require, React) => { try { (() => {${script}\nif (!exports.default && typeof App !== 'undefined') exports.default = App;\n})(); } catch (fault) { artifact.say(fault); } })(artifact.exports, artifact.require, artifact.React);`;
    document.head.append(element);
    if (!exports.default) {
      if (document.getElementById('fault')!.textContent === '') say('It exports no component.');
      return;
    }
    createRoot(document.getElementById('root')!, { onUncaughtError: say }).render(react.createElement(exports.default));
  } catch (fault) {
    say(fault);
  }
}

Object.assign(globalThis, { showComponent });
