<?php
// Makes the calls of a file by PHP's xmlrpc: client.php URL FILE

require __DIR__ . '/notation.php';

const OPTIONS = ['encoding' => 'UTF-8', 'escaping' => 'markup'];

function call(string $url, string $method, array $params): mixed
{
    $context = stream_context_create(['http' => [
        'method' => 'POST',
        'header' => 'Content-Type: text/xml',
        'content' => xmlrpc_encode_request($method, $params, OPTIONS),
        'ignore_errors' => true,
    ]]);
    return xmlrpc_decode(file_get_contents($url, false, $context), 'UTF-8');
}

[, $url, $file] = $argv;
$lines = file($file, FILE_IGNORE_NEW_LINES);
while (count($lines) > 0) {
    [, $name, $method, $count] = explode(' ', array_shift($lines));
    $params = [];
    for ($left = (int) $count; $left > 0; $left--) {
        $params[] = read_value($lines);
    }
    $result = call($url, $method, $params);
    $answer = is_array($result) && xmlrpc_is_fault($result)
        ? ["fault $name {$result['faultCode']} " . rawurlencode($result['faultString'])]
        : ["result $name", ...lines_of($result)];
    echo implode("\n", $answer), "\n";
}
