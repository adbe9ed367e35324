/** A part of a catalogue: build/texts.ts says which there are. */
declare module "*.json?part=first" {
  const texts: import("./speech").Texts;
  export default texts;
}

declare module "*.json?part=account" {
  const texts: import("./speech").Texts;
  export default texts;
}

declare module "*.json?part=audit" {
  const texts: import("./speech").Texts;
  export default texts;
}

declare module "*.json?part=due" {
  const texts: import("./speech").Texts;
  export default texts;
}

declare module "*.json?part=history" {
  const texts: import("./speech").Texts;
  export default texts;
}

declare module "*.json?part=later" {
  const texts: import("./speech").Texts;
  export default texts;
}

declare module "*.json?part=leak" {
  const texts: import("./speech").Texts;
  export default texts;
}

declare module "*.json?part=operators" {
  const texts: import("./speech").Texts;
  export default texts;
}

declare module "*.json?part=settings" {
  const texts: import("./speech").Texts;
  export default texts;
}

declare module "*.json?part=setup" {
  const texts: import("./speech").Texts;
  export default texts;
}
