/** What esbuild has to be told about this package's files. */

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

/**
 * Shortens the names of private members, file by file, so that they are short in all of them.
 *
 * They begin with `_`, as no name of the wire and of the interface does, and a private member is
 * not known outside its file.
 */
export const shortPrivateNames = {
  name: 'short-private-names',
  setup(build) {
    build.onLoad({ filter: /\/src\/.*\.ts$/ }, async ({ path }) => {
      const { code } = await transform(await readFile(path, 'utf8'), {
        loader: 'ts',
        mangleProps: /^_/,
        target: 'es2022',
        tsconfigRaw: {
          compilerOptions: { useDefineForClassFields: false, verbatimModuleSyntax: true },
        },
      });
      return { contents: code, watchFiles: [path] };
    });
  },
};
