import { build } from 'esbuild';

/**
 * Bundles TypeScript for Node-RED's editor into one script that can stand within an html file.
 * @param contents a module; its imports are paths from `root`, or absolute ones
 */
export async function bundleForEditor(root: string, contents: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: root, loader: 'ts' },
    bundle: true,
    write: false,
    format: 'iife',
    target: 'es2022',
    // Node-RED keeps these scripts in memory, where one other letter doubles the size of them all.
    charset: 'ascii',
    minify: true,
    legalComments: 'none',
  });
  // A closing tag within the script would end it.
  return (outputFiles[0]?.text ?? '').replaceAll('</script', '<\\/script');
}
