;;; client.el --- Makes the calls of a file by xml-rpc.el  -*- lexical-binding: t -*-

;; emacs --batch --load client.el URL FILE

(require 'url)
(require 'xml-rpc)

(defun notation-unescape (text)
  ;; Not `url-unhex-string', which takes for ever for a megabyte.
  (with-temp-buffer
    (set-buffer-multibyte nil)
    (insert (or text ""))
    (goto-char (point-min))
    (while (search-forward "%" nil t)
      (let ((byte (string-to-number (buffer-substring (point) (+ (point) 2)) 16)))
        (delete-region (1- (point)) (+ (point) 2))
        (insert-char byte)))
    (buffer-string)))

(defun notation-unescape-text (text)
  (decode-coding-string (notation-unescape text) 'utf-8))

(defun notation-escape (text)
  (url-hexify-string (encode-coding-string text 'utf-8)))

(defun notation-next ()
  "The next line, in two words."
  (let ((line (buffer-substring (point) (line-end-position))))
    (forward-line)
    (if (string-match " " line)
        (list (substring line 0 (match-beginning 0)) (substring line (match-end 0)))
      (list line nil))))

(defun notation-times (count make)
  "A list of what MAKE gives COUNT times."
  (let (items)
    (dotimes (_ (string-to-number count)) (push (funcall make) items))
    (nreverse items)))

(defun notation-read ()
  (pcase-let ((`(,type ,text) (notation-next)))
    (pcase type
      ((or "int" "i8") (string-to-number text))
      ("double" (float (string-to-number text)))
      ("boolean" (equal text "1"))
      ("string" (notation-unescape-text text))
      ("dateTime" (list :datetime (date-to-time text)))
      ("base64" (list :base64 (notation-unescape text)))
      ("nil" nil)
      ;; A vector is the one way to send an empty array.
      ("array" (vconcat (notation-times text #'notation-read)))
      ("struct"
       (notation-times text (lambda ()
                              (let ((name (notation-unescape-text (cadr (notation-next)))))
                                (cons name (notation-read)))))))))

(defun notation-print (value)
  (cond
   ((eq value nil) (princ "boolean 0\n"))
   ((eq value t) (princ "boolean 1\n"))
   ((integerp value)
    (princ (format "%s %d\n" (if (<= -2147483648 value 2147483647) "int" "i8") value)))
   ((floatp value) (princ (format "double %s\n" value)))
   ((stringp value) (princ (format "string %s\n" (notation-escape value))))
   ((eq (car value) :datetime)
    (princ (format-time-string "dateTime %Y%m%dT%H:%M:%S\n" (cadr value))))
   ((eq (car value) :base64)
    (princ (format "base64 %s\n" (url-hexify-string (cadr value)))))
   ((xml-rpc-value-structp value)
    (princ (format "struct %d\n" (length value)))
    (dolist (member value)
      (princ (format "name %s\n" (notation-escape (car member))))
      (notation-print (cdr member))))
   (t
    (princ (format "array %d\n" (length value)))
    (mapc #'notation-print value))))

(defun contract-call (url name method params)
  (setq xml-rpc-fault-string nil)
  (condition-case failure
      (let ((result (apply #'xml-rpc-method-call url method params)))
        (princ (with-output-to-string
                 (princ (format "result %s\n" name))
                 (notation-print result))))
    (error
     (princ (if xml-rpc-fault-string
                (format "fault %s %s %s\n" name xml-rpc-fault-code
                        (notation-escape xml-rpc-fault-string))
              (format "error %s %s\n" name (notation-escape (format "%S" failure))))))))

(defun contract-main (url file)
  (with-temp-buffer
    (insert-file-contents-literally file)
    (goto-char (point-min))
    (while (not (eobp))
      (pcase-let ((`(,_ ,name ,method ,count) (split-string (mapconcat #'identity (notation-next) " ") " ")))
        (contract-call url name method (notation-times count #'notation-read))))))

(setq url-show-status nil)
(contract-main (pop command-line-args-left) (pop command-line-args-left))
;;; client.el ends here
