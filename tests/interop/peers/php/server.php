<?php
// The contract's methods by PHP's xmlrpc, on a free port, which is printed. The extension
// knows nothing of HTTP: this is as little of it as will do.

const OPTIONS = ['encoding' => 'UTF-8', 'escaping' => 'markup'];

$image = '';

function sum(array $struct): int
{
    return $struct['moe'] + $struct['larry'] + $struct['curly'];
}

function base64(string $bytes): mixed
{
    xmlrpc_set_type($bytes, 'base64');
    return $bytes;
}

function echo_first(string $method, array $params): mixed
{
    return $params[0];
}

$methods = [
    'validator1.arrayOfStructsTest' => fn ($_, $p) => array_sum(array_column($p[0], 'curly')),
    'validator1.countTheEntities' => fn ($_, $p) => [
        'ctLeftAngleBrackets' => substr_count($p[0], '<'),
        'ctRightAngleBrackets' => substr_count($p[0], '>'),
        'ctAmpersands' => substr_count($p[0], '&'),
        'ctApostrophes' => substr_count($p[0], "'"),
        'ctQuotes' => substr_count($p[0], '"'),
    ],
    'validator1.easyStructTest' => fn ($_, $p) => sum($p[0]),
    'validator1.echoStructTest' => 'echo_first',
    'validator1.manyTypesTest' => fn ($_, $p) => $p,
    'validator1.moderateSizeArrayCheck' => fn ($_, $p) => $p[0][0] . end($p[0]),
    'validator1.nestedStructTest' => fn ($_, $p) => sum($p[0]['2000']['04']['01']),
    'validator1.simpleStructReturnTest' => fn ($_, $p) => [
        'times10' => $p[0] * 10,
        'times100' => $p[0] * 100,
        'times1000' => $p[0] * 1000,
    ],
    'interopEchoTests.noInParams' => fn () => 1,
    'interopEchoTests.whichToolkit' => fn () => [
        'toolkitDocsUrl' => 'https://www.php.net/xmlrpc',
        'toolkitName' => 'xmlrpc',
        'toolkitVersion' => phpversion('xmlrpc'),
        'toolkitOperatingSystem' => PHP_OS,
    ],
    'get_string' => fn ($_, $p) => "get string:$p[0]",
    'add' => fn ($_, $p) => $p[0] + $p[1],
    'image_put' => function ($_, $p) use (&$image) {
        $image = $p[0]->scalar;
        return true;
    },
    'image_get' => function () use (&$image) {
        return base64($image);
    },
    'echo' => 'echo_first',
    'fault' => fn ($_, $p) => ['faultCode' => $p[0], 'faultString' => $p[1]],
];
$echoes = ['String', 'Integer', 'Float', 'Struct', 'Boolean', 'Date', 'Base64'];
foreach ([...$echoes, 'StringArray', 'IntegerArray', 'FloatArray', 'StructArray'] as $type) {
    $methods["interopEchoTests.echo$type"] = 'echo_first';
}

$server = xmlrpc_server_create();
foreach ($methods as $name => $method) {
    xmlrpc_server_register_method($server, $name, $method);
}

/** @param resource $connection */
function read_body($connection): ?string
{
    $length = null;
    while (($line = fgets($connection)) !== false && trim($line) !== '') {
        if (preg_match('/^content-length: (\d+)/i', $line, $match)) {
            $length = (int) $match[1];
        }
    }
    return $length === null ? null : stream_get_contents($connection, $length);
}

$listener = stream_socket_server('tcp://127.0.0.1:0');
echo substr(strrchr(stream_socket_get_name($listener, false), ':'), 1), "\n";
for (;;) {
    $connection = stream_socket_accept($listener, -1);
    $body = read_body($connection);
    if ($body !== null) {
        $answer = xmlrpc_server_call_method($server, $body, null, OPTIONS);
        fwrite($connection, "HTTP/1.0 200 OK\r\nContent-Type: text/xml\r\n");
        fwrite($connection, 'Content-Length: ' . strlen($answer) . "\r\n\r\n$answer");
    }
    fclose($connection);
}
