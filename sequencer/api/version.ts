/** Version of the software, as it says it of itself. */
export const VERSION = '0.1.0';
