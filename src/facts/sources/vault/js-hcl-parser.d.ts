/** HashiCorp's own HCL 1 parser, compiled from Go. The package has no types. */
declare module 'js-hcl-parser' {
  const hcl: {
    /** JSON text; for what is not HCL, a complaint instead. */
    parse(source: string): unknown;
  };
  export default hcl;
}
