from cashbook.cli import main

raise SystemExit(main())
