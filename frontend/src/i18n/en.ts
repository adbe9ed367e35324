import texts from "./en.json?part=first";
import { withProviders } from "./folders";

export default withProviders(
  texts,
  import.meta.glob("../providers/*/texts.json", { query: "?only=en", eager: true, import: "default" }),
);
