# The runner's notation of values, read and written by the typed values of Tcl's xmlrpc:
# lists of a type and a value. Structs are arrays of Tcl, and go by their names.

namespace eval notation {
    variable structs 0
}

proc notation::unescape {text encoding} {
    set bytes [regsub -all {%(..)} $text {\\u00\1}]
    return [encoding convertfrom $encoding [subst -nocommands -novariables $bytes]]
}

proc notation::escape {text encoding} {
    binary scan [encoding convertto $encoding $text] H* hex
    return [regsub -all {..} $hex {%&}]
}

# XML's escapes are left to the caller of the library.
proc notation::markup {text} {
    return [string map {& &amp; < &lt; > &gt;} $text]
}

proc notation::plain {text} {
    return [string map {&lt; < &gt; > &quot; \" &apos; ' &#13; \r &amp; &} $text]
}

proc notation::readValue {file} {
    lassign [split [gets $file] " "] type text
    switch $type {
        int - i8 - double - boolean { return [list [string map {i8 int} $type] $text] }
        dateTime { return [list dateTime.iso8601 $text] }
        string { return [list string [markup [unescape $text utf-8]]] }
        base64 { return [list base64 [binary encode base64 [unescape $text iso8859-1]]] }
        nil { return {nil {}} }
        array {
            set items {}
            for {set left $text} {$left > 0} {incr left -1} { lappend items [readValue $file] }
            return [list array $items]
        }
    }
    variable structs
    set name ::struct[incr structs]
    array set $name {}
    for {set left $text} {$left > 0} {incr left -1} {
        set key [unescape [lindex [split [gets $file] " "] 1] utf-8]
        set ${name}([markup $key]) [readValue $file]
    }
    return [list struct $name]
}

# Results come without their types: what they are must be known, as a typed value that is
# like them. An array has items like its first one.
proc notation::linesOf {value like} {
    lassign $like type example
    switch $type {
        array {
            set lines [list "array [llength $value]"]
            foreach item $value itemLike $example {
                if {$itemLike eq ""} { set itemLike [lindex $example 0] }
                lappend lines {*}[linesOf $item $itemLike]
            }
            return $lines
        }
        struct {
            set lines [list "struct [llength $value]"]
            foreach member $value {
                lassign $member name item
                lappend lines "name [escape [plain $name] utf-8]"
                lappend lines {*}[linesOf $item [set ${example}($name)]]
            }
            return $lines
        }
    }
    return [list "text [escape [plain $value] utf-8]"]
}
