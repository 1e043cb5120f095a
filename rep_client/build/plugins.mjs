/** What esbuild has to be told about this package's imports. */

import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { transform } from 'esbuild';

/** Lets a module import a style sheet as text: `import styles from './card.css?inline'`. */
export const minifiedStyles = {
  name: 'minified-styles',
  setup(build) {
    build.onResolve({ filter: /\.css\?inline$/ }, ({ path, resolveDir }) => ({
      path: resolve(resolveDir, path.replace('?inline', '')),
      namespace: 'style-text',
    }));
    build.onLoad({ filter: /.*/, namespace: 'style-text' }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      const { code } = await transform(source, { loader: 'css', minify: true, target: 'es2022' });
      return { contents: code, loader: 'text', watchFiles: [path] };
    });
  },
};

/** Leaves the headless client and the languages in files of their own, beside the element. */
export const filesApart = {
  name: 'files-apart',
  setup(build) {
    const beside = (path) => ({ path, external: true });
    build.onResolve({ filter: /^\.\.\/coach\.js$/ }, () => beside('./coach.js'));
    build.onResolve({ filter: /^\.\/de\.js$/ }, () => beside('./texts/de.js'));
  },
};
