/** A part of a catalogue: build/texts.ts says which there are. */
declare module "*.json?part=first" {
  const texts: import("./speech").Texts;
  export default texts;
}

declare module "*.json?part=later" {
  const texts: import("./speech").Texts;
  export default texts;
}

declare module "*.json?part=audit" {
  const texts: import("./speech").Texts;
  export default texts;
}

declare module "*.json?part=history" {
  const texts: import("./speech").Texts;
  export default texts;
}
