/** The id of the one configuration node of a type, which is taken without asking; empty where there are none or several. */
export function onlyConfigOf(type: string): string {
  const found: string[] = [];
  RED.nodes.eachConfig((node) => {
    if (node.type === type) found.push(node.id);
    return true;
  });
  return found.length === 1 ? (found[0] ?? '') : '';
}
