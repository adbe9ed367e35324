import { withProviders } from "./folders";
import texts from "./pt-BR.json?part=first";

export default withProviders(
  texts,
  import.meta.glob("../providers/*/texts.json", { query: "?only=pt-BR", eager: true, import: "default" }),
);
