import "virtual:mantine.css";
import "./app.css";
import { setNonce } from "get-nonce";

// The style element with which open dialogs stop the page from scrolling needs the nonce as well.
setNonce(document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? "");
