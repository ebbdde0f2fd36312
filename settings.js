// Node-RED's settings for the plain command: npm run build && npx node-red -s settings.js
// `npm start` does the same with a start page, readiness and a tidy stop.
import { plainSettings } from './dist/program/plain.js';

const settings = plainSettings();

export default settings;
// The node-red command asks for a CommonJS module; this export is what it gets.
export { settings as 'module.exports' };
