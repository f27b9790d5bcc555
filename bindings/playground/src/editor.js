// The editor: one view, and for each file a state of its own with its history and its findings.

import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { HighlightStyle, bracketMatching, indentOnInput, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { forceLinting, lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { EditorState } from "@codemirror/state";
import {
    EditorView,
    drawSelection,
    highlightActiveLine,
    highlightActiveLineGutter,
    highlightSpecialChars,
    keymap,
    lineNumbers,
} from "@codemirror/view";
import { tags } from "@lezer/highlight";

/** Colours are variables of the page: light and dark change without the editor. */
const colours = HighlightStyle.define([
    { tag: [tags.definition(tags.propertyName), tags.propertyName], color: "var(--key)" },
    { tag: [tags.string, tags.content, tags.attributeValue], color: "var(--text)" },
    { tag: [tags.number, tags.bool, tags.null], color: "var(--value)" },
    { tag: [tags.lineComment, tags.comment], color: "var(--muted)", fontStyle: "italic" },
    { tag: [tags.separator, tags.squareBracket, tags.brace, tags.punctuation, tags.meta], color: "var(--faint)" },
    { tag: [tags.labelName, tags.typeName, tags.keyword], color: "var(--accent)" },
]);

const squiggle = (colour) => ({
    backgroundImage: "none",
    textDecoration: `underline wavy var(--${colour})`,
    textDecorationSkipInk: "none",
    textDecorationThickness: "1.5px",
    textUnderlineOffset: "3px",
    paddingBottom: "0",
});

const theme = EditorView.theme({
    "&": { height: "100%", fontSize: "13.5px", backgroundColor: "transparent", color: "var(--text)" },
    "&.cm-focused": { outline: "none" },
    ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.6" },
    ".cm-content": { padding: "12px 0 40vh", caretColor: "var(--accent)" },
    ".cm-line": { padding: "0 20px 0 8px" },
    ".cm-cursor": { borderLeftColor: "var(--accent)", borderLeftWidth: "2px" },
    ".cm-gutters": { backgroundColor: "transparent", color: "var(--faint)", border: "none", paddingLeft: "8px" },
    ".cm-gutter-lint": { width: "1.3em" },
    ".cm-lineNumbers .cm-gutterElement": { minWidth: "2.2em" },
    ".cm-activeLine": { backgroundColor: "var(--line)" },
    ".cm-activeLineGutter": { backgroundColor: "transparent", color: "var(--text)" },
    ".cm-selectionBackground, &.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground": {
        backgroundColor: "var(--selection)",
    },
    ".cm-selectionMatch": { backgroundColor: "var(--match)" },
    ".cm-matchingBracket, &.cm-focused .cm-matchingBracket": { backgroundColor: "var(--match)", color: "inherit" },
    ".cm-lintRange-error": squiggle("error"),
    ".cm-lintRange-warning": squiggle("warning"),
    ".cm-lintRange-info": squiggle("info"),
    // A selected word is underlined in the colour of its text.
    ".cm-lintRange-error::selection": { color: "var(--error)" },
    ".cm-lintRange-warning::selection": { color: "var(--warning)" },
    ".cm-lintRange-info::selection": { color: "var(--info)" },
    ".cm-lintPoint::after": { display: "none" },
    ".cm-lint-marker": { width: ".72em", height: ".72em", marginTop: ".42em", borderRadius: "50%", content: "''" },
    ".cm-lint-marker-error": { backgroundColor: "var(--error)" },
    ".cm-lint-marker-warning": { backgroundColor: "var(--warning)" },
    ".cm-lint-marker-info": { backgroundColor: "var(--info)" },
    ".cm-tooltip": {
        backgroundColor: "var(--panel)",
        color: "var(--text)",
        border: "1px solid var(--edge)",
        borderRadius: "8px",
        boxShadow: "0 8px 28px var(--shadow)",
        overflow: "hidden",
        maxWidth: "min(34rem, 92vw)",
        zIndex: "30",
    },
    ".cm-diagnostic": { padding: "10px 14px", borderLeft: "3px solid transparent", marginLeft: "0" },
    ".cm-diagnostic-error": { borderLeftColor: "var(--error)" },
    ".cm-diagnostic-warning": { borderLeftColor: "var(--warning)" },
    ".cm-diagnostic-info": { borderLeftColor: "var(--info)" },
    ".cm-diagnosticAction": {
        backgroundColor: "var(--accent)",
        color: "var(--on-accent)",
        borderRadius: "5px",
        padding: "3px 9px",
        margin: "8px 0 0",
        font: "inherit",
        fontSize: "12.5px",
    },
    ".cm-panels": { backgroundColor: "var(--panel)", color: "var(--text)", borderColor: "var(--edge)" },
    ".cm-panel.cm-panel-lint ul [aria-selected]": { backgroundColor: "var(--line)" },
    ".cm-textfield": { backgroundColor: "var(--ground)", border: "1px solid var(--edge)", borderRadius: "4px" },
    ".cm-button": { backgroundImage: "none", backgroundColor: "var(--ground)", border: "1px solid var(--edge)" },
});

/** An editor in `parent` that tells `changed` of each edit. */
export function editor(parent, changed) {
    const view = new EditorView({ parent });
    const extensions = [
        lineNumbers(),
        lintGutter(),
        highlightSpecialChars(),
        history(),
        drawSelection(),
        indentOnInput(),
        indentUnit.of("  "),
        bracketMatching(),
        highlightActiveLine(),
        highlightActiveLineGutter(),
        highlightSelectionMatches(),
        search({ top: true }),
        syntaxHighlighting(colours),
        yaml(),
        theme,
        EditorView.contentAttributes.of({ "aria-label": "Manifest", spellcheck: "false", autocapitalize: "off" }),
        // Escape, then Tab, leaves the editor by keyboard.
        keymap.of([...defaultKeymap, ...historyKeymap, ...searchKeymap, ...lintKeymap, indentWithTab]),
        EditorView.updateListener.of((update) => update.docChanged && changed()),
    ];
    return {
        view,
        state: (text) => EditorState.create({ doc: text, extensions }),
        show(state) {
            view.setState(state);
        },
        /** A state with findings in it, for files that are not shown. */
        marked: (state, diagnostics) => state.update(setDiagnostics(state, diagnostics)).state,
        mark(diagnostics) {
            view.dispatch(setDiagnostics(view.state, diagnostics));
            forceLinting(view);
        },
        select(from, to) {
            view.dispatch({
                selection: { anchor: from, head: to },
                effects: EditorView.scrollIntoView(from, { y: "center" }),
            });
            view.focus();
        },
    };
}
