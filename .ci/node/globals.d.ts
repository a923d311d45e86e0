// What pages keep on the window and on their roots.
interface Window {
  autograd: any;
  autogradStyles?: Record<string, string>;
  FILES: Record<string, string>;
  loadPyodide: () => Promise<any>;
}
interface Element {
  autogradView?: any;
}
