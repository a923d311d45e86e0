// What pages keep on the window and on their roots.
interface Window {
  autograd: any;
  autogradStyles?: Record<string, string>;
}
interface Element {
  autogradView?: any;
}
// Of Node, for the one script that runs there.
declare module "node:readline";
declare const Buffer: any;
declare const process: any;
