/** For what is loaded later: an import of "@mantine/core" itself would fetch all of its components. */
export { Modal } from "@mantine/core";
