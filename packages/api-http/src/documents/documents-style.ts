/** x */
export const DOCUMENTS_STYLE = "";
