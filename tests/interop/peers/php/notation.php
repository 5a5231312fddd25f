<?php
// The runner's notation of values, read and written by PHP's own types, and those of its
// xmlrpc extension: objects for dates and base64.

/** @param list<string> $lines */
function read_value(array &$lines): mixed
{
    [$type, $text] = explode(' ', array_shift($lines)) + [1 => ''];
    switch ($type) {
        case 'int':
        case 'i8':
            return (int) $text;
        case 'double':
            return (float) $text;
        case 'boolean':
            return $text === '1';
        case 'string':
            return rawurldecode($text);
        case 'dateTime':
        case 'base64':
            $value = rawurldecode($text);
            xmlrpc_set_type($value, $type === 'base64' ? $type : 'datetime');
            return $value;
        case 'nil':
            return null;
    }
    $values = [];
    for ($left = (int) $text; $left > 0; $left--) {
        if ($type === 'array') {
            $values[] = read_value($lines);
            continue;
        }
        [, $name] = explode(' ', array_shift($lines));
        $values[rawurldecode($name)] = read_value($lines);
    }
    return $values;
}

/** @return list<string> */
function lines_of(mixed $value): array
{
    if (is_null($value)) {
        return ['nil'];
    }
    if (is_bool($value)) {
        return ['boolean ' . (int) $value];
    }
    if (is_int($value)) {
        return ["int $value"];
    }
    if (is_float($value)) {
        return ['double ' . var_export($value, true)];
    }
    if (is_string($value)) {
        return ['string ' . rawurlencode($value)];
    }
    if (is_object($value)) {
        return [$value->xmlrpc_type === 'base64'
            ? 'base64 ' . rawurlencode($value->scalar)
            : 'dateTime ' . $value->scalar];
    }
    $is_list = array_is_list($value);
    $lines = [($is_list ? 'array ' : 'struct ') . count($value)];
    foreach ($value as $name => $member) {
        if (!$is_list) {
            $lines[] = 'name ' . rawurlencode((string) $name);
        }
        array_push($lines, ...lines_of($member));
    }
    return $lines;
}
