-- The record of a step in the life of a name: a block of DAG-CBOR, and its CID. `docs/formats/history.md` says what is in it.
local BASE32 = 'abcdefghijklmnopqrstuvwxyz234567'

-- Bits of `from` bits each, as digits of `to` bits each; the last one is filled with zeros if `pad`, else dropped if it is not whole.
local function regroup(digits, from, to, pad)
  local groups, value, bits = {}, 0, 0
  for _, digit in ipairs(digits) do
    value, bits = value * 2 ^ from + digit, bits + from
    while bits >= to do
      bits = bits - to
      groups[#groups + 1] = math.floor(value / 2 ^ bits)
      value = value % 2 ^ bits
    end
  end
  if pad and bits > 0 then groups[#groups + 1] = value * 2 ^ (to - bits) end
  return groups
end

-- Version 1, DAG-CBOR, SHA-256, in base32.
local function cid_of(block)
  local groups = regroup({ string.byte('\1\113\18\32' .. sha256(block), 1, -1) }, 8, 5, true)
  for i, group in ipairs(groups) do
    groups[i] = string.sub(BASE32, group + 1, group + 1)
  end
  return 'b' .. table.concat(groups)
end

local function bytes_of(cid)
  local digits = {}
  for i = 2, #cid do
    digits[i - 1] = string.find(BASE32, string.sub(cid, i, i), 1, true) - 1
  end
  return string.char(unpack(regroup(digits, 5, 8, false)))
end

-- The first bytes of a CBOR item: its major type and a number, in the shortest form.
local function cbor(major, number)
  local kind = major * 32
  if number < 24 then return string.char(kind + number) end
  if number < 2 ^ 8 then return struct.pack('>BB', kind + 24, number) end
  if number < 2 ^ 16 then return struct.pack('>BI2', kind + 25, number) end
  if number < 2 ^ 32 then return struct.pack('>BI4', kind + 26, number) end
  return struct.pack('>BI4I4', kind + 27, math.floor(number / 2 ^ 32), number % 2 ^ 32)
end

local function cbor_text(text)
  return cbor(3, #text) .. text
end

local function cbor_link(cid)
  local bytes = '\0' .. bytes_of(cid)
  return cbor(6, 42) .. cbor(2, #bytes) .. bytes
end

-- The CID of the record of a step.
local function record_cid(name, revision, step)
  local items, count = '', 0
  local function put(key, item)
    items, count = items .. cbor_text(key) .. item, count + 1
  end
  -- In the order of DAG-CBOR: the shorter key first, then by bytes.
  if step.cid then put('cid', cbor_text(step.cid)) end
  put('atMs', cbor(0, step.at_ms))
  put('name', cbor_text(name))
  if step.content then put('content', cbor_link(step.content)) end
  put('version', cbor(0, 1))
  if step.previous then put('previous', cbor_link(step.previous)) end
  put('revision', cbor(0, revision))
  put('operation', cbor_text(step.operation))
  if step.renamed_to then put('renamedTo', cbor_text(step.renamed_to)) end
  if step.renamed_from then put('renamedFrom', cbor_text(step.renamed_from)) end
  return cid_of(cbor(5, count) .. items)
end
