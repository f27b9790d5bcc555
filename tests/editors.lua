-- Opens a file in Neovim with the language server, waits for its findings and prints them.
-- Neovim 0.7 has `start_client`; what people write for newer ones stands in docs/editors.md.
local program, file = vim.env.SEAWORTHY, vim.env.FILE
local shown = false
vim.lsp.handlers["textDocument/publishDiagnostics"] = (function(show)
    return function(error, result, context, config)
        show(error, result, context, config)
        if result.uri == vim.uri_from_fname(file) then
            shown = true
        end
    end
end)(vim.lsp.handlers["textDocument/publishDiagnostics"])
local client = vim.lsp.start_client({
    name = "seaworthy",
    cmd = { program, "lsp" },
    root_dir = vim.fn.fnamemodify(file, ":h"),
})
vim.cmd("edit " .. vim.fn.fnameescape(file))
vim.lsp.buf_attach_client(0, client)
vim.wait(30000, function() return shown end, 20)
for _, found in ipairs(vim.diagnostic.get(0)) do
    io.stdout:write(string.format("%d:%d %s: %s\n", found.lnum + 1, found.col + 1, found.code or "?", vim.split(found.message, "\n")[1]))
end
local position = { textDocument = { uri = vim.uri_from_fname(file) }, position = { line = 6, character = 6 } }
local hover = vim.lsp.buf_request_sync(0, "textDocument/hover", position, 10000)
for _, answer in pairs(hover or {}) do
    local words = answer.result and answer.result.contents.value or "nothing"
    io.stdout:write("hover: " .. vim.split(words, "\n")[1] .. "\n")
end
vim.cmd("qall!")
