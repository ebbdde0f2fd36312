// Runs on whatever Node is there: the right one comes with `npm ci`, unless its install script was left out.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  console.error(
    `Guildhall needs Node 22.18 or newer, and this is ${process.version}. Node 24 comes with "npm ci": ` +
      'run it again without --ignore-scripts.',
  );
  process.exit(1);
}
